// picker: a sheet from below. picker-view: columns to scroll.

import { ask } from '../shell/ui.js';
import { change, fire, node } from './define.js';

function labelOf(item, key) {
  return String(key && item !== null && typeof item === 'object' ? item[key] : item);
}

function choose(title, options) {
  return (settle) =>
    node(
      'div',
      { className: 'mp-options', role: 'listbox', ariaLabel: title },
      ...options.map(({ label, on, value }) =>
        node('button', { type: 'button', role: 'option', ariaSelected: String(on), onclick: () => settle(value) }, label),
      ),
    );
}

function rows(range, key, at) {
  return (range ?? []).map((item, value) => ({ label: labelOf(item, key), on: value === Number(at), value }));
}

const KINDS = {
  async selector({ range, rangeKey, value, headerText }) {
    const title = headerText || '请选择';
    return ask({ title, sheet: true, cancel: '取消', body: choose(title, rows(range, rangeKey, value)) });
  },
  async multiSelector({ range, rangeKey, value, headerText }) {
    const selects = (range ?? []).map((column, at) =>
      node(
        'select',
        { ariaLabel: `第 ${at + 1} 列` },
        ...column.map((item, row) => node('option', { value: row, selected: row === (value?.[at] ?? 0) }, labelOf(item, rangeKey))),
      ),
    );
    const answer = await ask({ title: headerText || '请选择', sheet: true, cancel: '取消', confirm: '确定', body: () => node('div', { className: 'mp-columns' }, ...selects) });
    return answer === null ? null : selects.map((one) => Number(one.value));
  },
  date: ({ value, start, end, fields, headerText }) => {
    const type = { month: 'month', year: 'number' }[fields] ?? 'date';
    return typed(type, { value, start, end, title: headerText || '选择日期' });
  },
  time: ({ value, start, end, headerText }) => typed('time', { value, start, end, title: headerText || '选择时间' }),
};

async function typed(type, { value, start, end, title }) {
  const field = node('input', { type, value: value ?? '', ariaLabel: title });
  if (start) field.min = start;
  if (end) field.max = end;
  const answer = await ask({ title, sheet: true, cancel: '取消', confirm: '确定', body: () => field });
  const wrong = answer !== null && (!field.value || !field.checkValidity());
  return answer === null || wrong ? null : field.value;
}

const picker = {
  properties: {
    ...{ mode: { type: String, value: 'selector' }, range: { type: Array, value: [] }, rangeKey: String, value: null },
    ...{ start: String, end: String, fields: { type: String, value: 'day' }, disabled: Boolean, headerText: String, name: String },
  },
  role: 'button',
  made(comp, host, parts) {
    parts.formValue = () => comp.data.value;
    parts.activate = () => host.click();
    host.addEventListener('click', async () => {
      if (comp.data.disabled) return;
      const value = await (KINDS[comp.data.mode] ?? KINDS.selector)(comp.data);
      if (value === null) {
        fire(comp, 'cancel', {});
        return;
      }
      change(comp, { value });
      fire(comp, 'change', { value: comp.data.mode === 'selector' ? String(value) : value });
    });
  },
  render: (comp, host, data) => ({ ariaDisabled: data.disabled || undefined, ariaHaspopup: 'dialog' }),
};

const ROW = 34;

function columns(host) {
  return [...host.querySelectorAll('wx-picker-view-column')];
}

const pickerView = {
  properties: {
    ...{ value: { type: Array, value: [] }, indicatorStyle: String, indicatorClass: String, maskStyle: String, maskClass: String },
    ...{ immediateChange: Boolean, name: String },
  },
  render(comp, host, data) {
    queueMicrotask(() => columns(host).forEach((one, at) => (one.scrollTop = (data.value[at] ?? 0) * ROW)));
  },
  attached(comp, host) {
    queueMicrotask(() => columns(host).forEach((one, at) => (one.scrollTop = (comp.data.value[at] ?? 0) * ROW)));
  },
};

const pickerViewColumn = {
  made(comp, host) {
    host.addEventListener('scrollend', () => {
      const view = host.closest('wx-picker-view');
      const value = columns(view).map((one) => Math.round(one.scrollTop / ROW));
      const owner = view.__wxElement;
      if (value.join() === owner.data.value.join()) return;
      change(owner, { value });
      fire(owner, 'change', { value });
    });
  },
  render: () => ({ tabindex: '0' }),
  role: 'group',
};

export const pickers = { picker, 'picker-view': pickerView, 'picker-view-column': pickerViewColumn };
