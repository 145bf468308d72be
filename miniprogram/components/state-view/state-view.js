/** What stands where a list would: loading, nothing there, no network, a fault. */
Component({
  properties: {
    /** loading, empty, offline, error; anything else shows nothing */
    state: { type: String, value: '' },
    message: { type: String, value: '' },
    hint: { type: String, value: '' },
  },
  methods: {
    again() {
      this.triggerEvent('again');
    },
  },
});
