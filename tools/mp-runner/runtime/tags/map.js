// map: Leaflet without tiles. Coordinates are gcj02, as the platform's are, and drawn as they come.

import { address } from '../files.js';
import * as settings from '../settings.js';
import { here } from '../wx/place.js';
import { fire } from './define.js';

const properties = {
  ...{ longitude: null, latitude: null, scale: { type: Number, value: 16 }, minScale: { type: Number, value: 3 }, maxScale: { type: Number, value: 20 } },
  ...{ markers: { type: Array, value: [] }, polyline: { type: Array, value: [] }, circles: { type: Array, value: [] } },
  ...{ polygons: { type: Array, value: [] }, includePoints: { type: Array, value: [] }, showLocation: Boolean },
  ...{ enableZoom: { type: Boolean, value: true }, enableScroll: { type: Boolean, value: true }, enableRotate: Boolean },
  ...{ enableOverlooking: Boolean, enablePoi: Boolean, showCompass: Boolean, showScale: Boolean, setting: null },
};

const at = ({ latitude, longitude }) => [Number(latitude), Number(longitude)];

/** A colour as the platform writes it, #RRGGBB or #RRGGBBAA. */
function paint(color, fallback) {
  const given = color || fallback;
  if (!/^#[0-9a-f]{8}$/i.test(given)) return { color: given, opacity: 1 };
  return { color: given.slice(0, 7), opacity: parseInt(given.slice(7), 16) / 255 };
}

function stroke(color, width, fallback) {
  const { color: found, opacity } = paint(color, fallback);
  return { color: found, opacity, weight: Number(width ?? 2) };
}

function fill(color) {
  const { color: found, opacity } = paint(color, '#00000000');
  return { fill: true, fillColor: found, fillOpacity: opacity };
}

function icon(marker) {
  const width = parseFloat(marker.width) || 24;
  const height = parseFloat(marker.height) || 32;
  const image = document.createElement('span');
  image.className = 'mp-pin';
  const found = marker.iconPath && address(marker.iconPath);
  if (found) image.append(Object.assign(new Image(width, height), { src: found, alt: '' }));
  const word = marker.label?.content;
  if (word) {
    const label = document.createElement('span');
    label.className = 'mp-pin-label';
    label.textContent = word;
    Object.assign(label.style, { color: marker.label.color ?? '#000', background: marker.label.bgColor ?? 'transparent' });
    if (marker.label.fontSize) label.style.fontSize = `${marker.label.fontSize}px`;
    image.append(label);
  }
  const { x = 0.5, y = 1 } = marker.anchor ?? {};
  return L.divIcon({ html: image, className: '', iconSize: [width, height], iconAnchor: [width * x, height * y] });
}

function title(marker) {
  return marker.ariaLabel || marker.title || marker.callout?.content || marker.label?.content || '地图上的点';
}

function draw(comp) {
  const { parts, data } = comp;
  parts.layer.clearLayers();
  for (const one of data.polygons ?? []) {
    L.polygon(one.points.map(at), { ...stroke(one.strokeColor, one.strokeWidth, '#1a5fb4'), ...fill(one.fillColor), interactive: false }).addTo(parts.layer);
  }
  for (const one of data.polyline ?? []) L.polyline(one.points.map(at), { ...stroke(one.color, one.width, '#1a5fb4'), interactive: false }).addTo(parts.layer);
  for (const one of data.circles ?? []) {
    L.circle(at(one), { radius: one.radius, ...stroke(one.color, one.strokeWidth, '#1a5fb4'), ...fill(one.fillColor), interactive: false }).addTo(parts.layer);
  }
  for (const one of data.markers ?? []) mark(comp, one);
  if (data.showLocation) {
    L.circleMarker(at(here('gcj02')), { radius: 8, color: '#fff', weight: 3, fillColor: '#1a5fb4', fillOpacity: 1, interactive: false }).addTo(parts.layer);
  }
}

function mark(comp, marker) {
  const made = L.marker(at(marker), { icon: icon(marker), alt: title(marker), title: title(marker), zIndexOffset: marker.zIndex ?? 0 });
  const detail = { markerId: marker.id };
  const bubble = marker.callout?.content ? callout(comp, marker, detail) : null;
  const always = marker.callout?.display === 'ALWAYS';
  const tap = () => {
    if (bubble && !always) bubble.addTo(comp.parts.layer);
    fire(comp, 'markertap', detail, { extraFields: detail });
  };
  made.on('click', tap);
  made.on('keypress', ({ originalEvent }) => originalEvent.key === 'Enter' && tap());
  made.addTo(comp.parts.layer);
  if (always) bubble.addTo(comp.parts.layer);
}

function callout(comp, marker, detail) {
  const words = document.createElement('span');
  words.textContent = marker.callout.content;
  words.addEventListener('click', () => fire(comp, 'callouttap', detail, { extraFields: detail }));
  const options = { closeButton: false, autoPan: false, autoClose: false, closeOnClick: marker.callout.display !== 'ALWAYS' };
  return L.popup({ ...options, offset: [0, 4 - (parseFloat(marker.height) || 32)] }).setLatLng(at(marker)).setContent(words);
}

/** Where the map is, as an event tells it. */
export function region(view) {
  const { lat: latitude, lng: longitude } = view.getCenter();
  const bounds = view.getBounds();
  const corner = ({ lat, lng }) => ({ latitude: lat, longitude: lng });
  return {
    centerLocation: { latitude, longitude },
    scale: view.getZoom(),
    region: { northeast: corner(bounds.getNorthEast()), southwest: corner(bounds.getSouthWest()) },
  };
}

function begin(comp, host) {
  const { parts } = comp;
  const frame = host.querySelector('.mp-map');
  const view = L.map(frame, { zoomControl: false, attributionControl: false, zoomAnimation: false, fadeAnimation: false, zoomSnap: 0.5 });
  parts.view = view;
  parts.layer = L.layerGroup().addTo(view);
  const tell = (type) => () => {
    if (parts.quiet) return;
    if (type === 'begin') parts.zoom = view.getZoom();
    const moved = view.getZoom() === parts.zoom ? 'drag' : 'scale';
    const causedBy = parts.byProgram ? 'update' : moved;
    const detail = { type, causedBy, ...region(view) };
    fire(comp, 'regionchange', detail, { extraFields: { type, causedBy } });
  };
  view.on('movestart', tell('begin')).on('moveend', tell('end'));
  view.on('click', ({ latlng }) => fire(comp, 'tap', { latitude: latlng.lat, longitude: latlng.lng }));
  settings.onChangeOf('place', () => draw(comp));
  parts.sizes = new ResizeObserver(() => view.invalidateSize({ animate: false, pan: false }));
  parts.sizes.observe(frame);
}

/** Moves the map where the mini program says, once for each time that it says something new. */
function move(comp) {
  const { parts, data } = comp;
  const wanted = [data.latitude, data.longitude, data.scale].join();
  const points = JSON.stringify(data.includePoints ?? []);
  if (parts.wanted === wanted && parts.points === points) return;
  const first = parts.wanted === undefined;
  const moved = parts.wanted !== wanted;
  Object.assign(parts, { wanted, quiet: first, byProgram: true });
  if ((first || moved) && data.latitude !== undefined && data.longitude !== undefined) {
    parts.view.setView(at(data), data.scale, { animate: false });
  } else if (first) parts.view.setView(at(here('gcj02')), data.scale, { animate: false });
  if (parts.points !== points && data.includePoints?.length) {
    parts.view.fitBounds(L.latLngBounds(data.includePoints.map(at)), { animate: false, maxZoom: data.maxScale, padding: [20, 20] });
  }
  Object.assign(parts, { points, quiet: false, byProgram: false });
}

export const map = {
  properties,
  role: 'application',
  made(comp, host) {
    host.dataset.ownTap = '';
    const frame = document.createElement('div');
    frame.className = 'mp-map';
    host.prepend(frame);
  },
  render(comp, host, data) {
    if (comp.parts.view) {
      for (const [name, on] of [['dragging', data.enableScroll], ['scrollWheelZoom', data.enableZoom], ['touchZoom', data.enableZoom]]) {
        comp.parts.view[name]?.[on ? 'enable' : 'disable']();
      }
      comp.parts.view.setMinZoom(data.minScale).setMaxZoom(data.maxScale);
      move(comp);
      draw(comp);
    }
    return { ariaLabel: '地图' };
  },
  attached(comp, host) {
    queueMicrotask(() => {
      if (!host.isConnected) return;
      begin(comp, host);
      map.render(comp, host, comp.data);
      fire(comp, 'updated', {});
    });
  },
  detached({ parts }) {
    parts.sizes?.disconnect();
    parts.view?.remove();
    parts.view = null;
  },
};
