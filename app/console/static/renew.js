// A part of the page that renews itself from the address in its `data-source`, as long as the page
// is looked at and nobody works in it; `offline` says when it cannot.

const EVERY_MS = 15000;

export function renewing(part) {
  const offline = document.getElementById("offline");

  async function renew() {
    try {
      const answer = await fetch(part.dataset.source, { credentials: "same-origin" });
      if (answer.redirected || answer.status === 401) {
        return location.reload();
      }
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const text = await answer.text();
      offline.hidden = true;
      if (text.trim() !== part.innerHTML.trim() && !part.contains(document.activeElement)) {
        part.innerHTML = text;
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
}
