// Phones beside each other, and what their owners do to them: network, place, permissions.

const PEOPLE = [
  ['lily', '居民 李莉'],
  ['wang', '居民 王强'],
  ['worker1', '网格员 worker1'],
  ['unit1', '经办人 unit1'],
];
const STAFF = /^(worker|unit|desk|supervisor|admin)\d*$/;
const ANSWERS = [['', '先问'], ['true', '允许'], ['false', '拒绝']];

const bound = new Map();

/** Staff are bound to their phone once, as with the code that their office gives them. */
async function bind(person) {
  if (!STAFF.test(person)) return '';
  if (!bound.has(person)) {
    const answer = await fetch('bind', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ person }) });
    const told = await answer.json().catch(() => ({ said: `没有连上服务（${answer.status}）` }));
    if (!answer.ok) return told.said;
    bound.set(person, told.said);
  }
  return bound.get(person);
}

class Phone {
  constructor(person) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById('phone'));
    this.element = /** @type {any} */ (template.content.firstElementChild.cloneNode(true));
    this.frame = this.element.querySelector('iframe');
    this.fill();
    this.listen();
    document.getElementById('phones').append(this.element);
    this.give(person);
  }

  field(name) {
    return this.element.querySelector(`[name="${name}"]`);
  }

  fill() {
    for (const [value, words] of [...PEOPLE, ['', '别人…']]) this.field('person').append(new Option(words, value));
    for (const scope of ['scope.userLocation', 'scope.camera']) {
      for (const [value, words] of ANSWERS) this.field(scope).append(new Option(words, value));
    }
  }

  get inside() {
    return this.frame.contentWindow?.phone;
  }

  async give(person) {
    this.person = person;
    const list = this.field('person');
    if (![...list.options].some((one) => one.value === person)) list.add(new Option(person, person), 0);
    list.value = person;
    this.element.setAttribute('aria-label', `${person} 的手机`);
    const said = this.element.querySelector('.said');
    said.textContent = '';
    said.textContent = await bind(person).catch((wrong) => String(wrong));
    if (this.person !== person) return;
    this.frame.src = `phone.html?phone=${encodeURIComponent(person)}`;
    remember();
  }

  /** Shows the phone's settings as they are; it tells of its own changes. */
  show() {
    const now = this.inside.settings();
    const { place, network, scopes, locationOn, fontSize } = now;
    Object.entries({ network, fontSize, locationOn: String(locationOn), ...place }).forEach(([name, value]) => (this.field(name).value = value));
    for (const scope of ['scope.userLocation', 'scope.camera']) this.field(scope).value = String(scopes[scope] ?? '');
  }

  listen() {
    this.frame.addEventListener('load', () => this.started());
    this.element.addEventListener('change', ({ target }) => this.changed(target));
    this.field('width').addEventListener('input', () => this.wide());
    this.element.addEventListener('click', ({ target }) => this.pressed(target));
    this.element.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.field('open').value) this.inside?.open(this.field('open').value);
    });
    this.wide();
  }

  started() {
    const ready = () => {
      if (!this.inside) return requestAnimationFrame(ready);
      this.show();
      this.inside.onSet(() => this.show());
      return undefined;
    };
    if (this.frame.src) ready();
  }

  wide() {
    const { value } = this.field('width');
    this.element.style.setProperty('--width', `${value}px`);
    this.element.querySelector('output').textContent = `${value} px`;
  }

  changed({ name, value }) {
    if (name === 'person') {
      const person = value || prompt('登录码里的名字（字母和数字）') || this.person;
      this.give(person);
      return;
    }
    if (!this.inside) return;
    if (name === 'network') this.inside.set('network', value);
    if (name === 'fontSize') this.inside.set('fontSize', Number(value));
    if (name === 'locationOn') this.inside.set('locationOn', value === 'true');
    if (name === 'longitude' || name === 'latitude') {
      this.inside.set('place', { ...this.inside.settings().place, [name]: Number(value) });
    }
    if (name.startsWith('scope.')) {
      const scopes = { ...this.inside.settings().scopes };
      if (value) scopes[name] = value === 'true';
      else delete scopes[name];
      this.inside.set('scopes', scopes);
    }
  }

  pressed({ name }) {
    if (['kill', 'refresh', 'forget'].includes(name)) this.inside?.[name]();
    if (name === 'remove') {
      this.element.remove();
      phones.splice(phones.indexOf(this), 1);
      remember();
    }
    if (name === 'away') {
      const button = this.field('away');
      this.away = !this.away;
      this.inside?.[this.away ? 'hide' : 'show']();
      button.textContent = this.away ? '回到前台' : '切到后台';
    }
  }
}

const phones = [];

function remember() {
  const list = phones.map((one) => one.person).join(',');
  history.replaceState(null, '', `?hold=${encodeURIComponent(list)}`);
}

const wanted = new URLSearchParams(location.search).get('hold') || 'lily,worker1';
for (const person of wanted.split(',').filter(Boolean)) phones.push(new Phone(person));
document.getElementById('more').addEventListener('click', () => phones.push(new Phone('unit1')));
