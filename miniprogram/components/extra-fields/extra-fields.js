/** What a category asks besides (data/fields.csv); the server knows whether an answer fits. */
const words = require('../../lib/words');
const core = require('../../lib/core');

Component({
  properties: {
    fields: { type: Array, value: /** @type {any[]} */ ([]) },
    answers: { type: Object, value: /** @type {any} */ ({}) },
    faults: { type: Object, value: /** @type {any} */ ({}) },
  },
  data: { shown: /** @type {any[]} */ ([]), today: '' },
  observers: {
    'fields, answers, faults'(fields, answers, faults) {
      const shown = fields.map((field) => shape(field, (answers || {})[field.code], (faults || {})[field.code]));
      this.setData({ shown, today: words.day(core.phone.now()) });
    },
  },
  methods: {
    tell(code, value) {
      this.triggerEvent('change', { answers: { ...this.data.answers, [code]: value } });
    },
    typed(event) {
      this.tell(event.currentTarget.dataset.code, event.detail.value);
    },
    one(event) {
      const { code, key } = event.currentTarget.dataset;
      this.tell(code, (this.data.answers || {})[code] === key ? '' : key);
    },
    many(event) {
      const { code, key } = event.currentTarget.dataset;
      const chosen = (this.data.answers || {})[code] || [];
      this.tell(code, chosen.indexOf(key) >= 0 ? chosen.filter((one) => one !== key) : chosen.concat(key));
    },
    date(event) {
      const { code } = event.currentTarget.dataset;
      this.tell(code, words.moment(event.detail.value, ((this.data.answers || {})[code] || '').slice(11, 16)));
    },
    time(event) {
      const { code } = event.currentTarget.dataset;
      const day = ((this.data.answers || {})[code] || '').slice(0, 10) || this.data.today;
      this.tell(code, words.moment(day, event.detail.value));
    },
  },
});

/** @param {any} field @param {any} answer @param {string} fault */
function shape(field, answer, fault) {
  const chosen = Array.isArray(answer) ? answer : [answer];
  return {
    code: field.code,
    kind: field.datatype,
    name: field.description,
    hint: field.hint || '',
    required: field.required,
    fault: fault || '',
    text: typeof answer === 'string' ? answer : '',
    date: typeof answer === 'string' ? answer.slice(0, 10) : '',
    time: typeof answer === 'string' ? answer.slice(11, 16) : '',
    choices: (field.values || []).map((one) => ({ ...one, on: chosen.indexOf(one.key) >= 0 })),
  };
}
