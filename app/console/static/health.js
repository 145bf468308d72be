// The state of the installation renews itself; without this the page is renewed by hand.

const EVERY_MS = 15000;
const now = document.getElementById("now");
const offline = document.getElementById("offline");

async function renew() {
  try {
    const answer = await fetch(now.dataset.source, { credentials: "same-origin" });
    if (answer.redirected || answer.status === 401) {
      return location.reload();
    }
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    const text = await answer.text();
    offline.hidden = true;
    if (!now.contains(document.activeElement)) {
      now.innerHTML = text;
    }
  } catch {
    offline.hidden = false;
  }
}

setInterval(() => {
  if (!document.hidden) {
    renew();
  }
}, EVERY_MS);
