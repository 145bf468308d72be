// Choosing a place on a map: fills longitude and latitude. Without this they are typed.

const { vendored, tileUrl, tileAttribution } = document.documentElement.dataset;
const CLOSE = 17;

function added(name, attributes) {
  return new Promise((done, failed) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.addEventListener("load", done);
    element.addEventListener("error", () => failed(new Error(attributes.src ?? attributes.href)));
    document.head.append(element);
  });
}

let loading = null;

function leaflet() {
  loading ??= Promise.all([
    added("link", { rel: "stylesheet", href: `${vendored}/leaflet/leaflet.css` }),
    added("script", { src: `${vendored}/leaflet/leaflet.js` }),
  ]).then(() => import("./map/areas.js"));
  return loading;
}

function tiles(map, L) {
  if (tileUrl) {
    const attribution = tileAttribution.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
    L.tileLayer(tileUrl, { attribution, maxZoom: 19 }).addTo(map);
    map.attributionControl.setPrefix(false);
  }
}

async function opened(field) {
  const { Areas } = await leaflet();
  const L = globalThis.L;
  const [longitude, latitude] = field.querySelectorAll("input");
  const box = field.querySelector(".picker");
  box.hidden = false;
  const map = L.map(box, { attributionControl: Boolean(tileUrl), minZoom: 9, maxZoom: 19, zoomControl: false });
  L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  map.on("zoomend", () => (box.dataset.zoom = map.getZoom() >= 16 ? "near" : "far"));
  map.setView([35, 105], 9);
  tiles(map, L);
  const areas = new Areas(map, { tiled: Boolean(tileUrl) });
  await areas.show(["street", "grid", "overlay"]);
  map.fitBounds(areas.bounds(), { animate: false });
  let sign = null;
  const take = (at) => {
    longitude.value = at.lng.toFixed(6);
    latitude.value = at.lat.toFixed(6);
    sign ??= L.circleMarker(at, { radius: 9, color: "#a42a12", weight: 4, fillColor: "#fff", fillOpacity: 1 });
    sign.setLatLng(at).addTo(map);
  };
  const typed = L.latLng(Number(latitude.value), Number(longitude.value));
  if (longitude.value && latitude.value && typed && areas.bounds().pad(1).contains(typed)) {
    take(typed);
    map.setView(typed, CLOSE, { animate: false });
  }
  map.on("click", (event) => take(event.latlng));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      take(map.getCenter());
    }
  });
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", "点地图选位置；方向键移动，回车选地图中心");
  box.focus();
}

for (const field of document.querySelectorAll("[data-place]")) {
  const button = field.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await opened(field);
      button.hidden = true;
    } catch {
      button.disabled = false;
      button.textContent = "地图没有打开，再试一次";
    }
  });
}
