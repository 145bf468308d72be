/** Leaflet, loaded by phone.html. */
declare const L: any;

interface Window {
  /** Of this phone, for the page around it and for tests. */
  phone: any;
}
