// Before and after in one frame, with a slider; a picture's link chooses it for its side.

const compare = document.querySelector(".compare");

if (compare) {
  const panes = compare.querySelector(".panes");
  const show = (side, source) => {
    panes.querySelector(`.${side}`).src = source;
  };
  for (const side of ["then", "now"]) {
    show(side, panes.querySelector(`.${side}`).dataset.source);
    for (const link of document.querySelectorAll(`a[data-side="${side}"]`)) {
      link.addEventListener("click", (event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
          event.preventDefault();
          show(side, link.href);
        }
      });
    }
  }
  compare.querySelector("input").addEventListener("input", (event) => {
    panes.style.setProperty("--at", `${event.target.value}%`);
  });
  compare.hidden = false;
}

// A template fills the text that it stands above; what was typed is kept behind it.
for (const choice of document.querySelectorAll("select[data-fills]")) {
  choice.hidden = false;
  choice.parentElement.hidden = false;
  choice.addEventListener("change", () => {
    const field = document.getElementById(choice.dataset.fills);
    if (choice.value) {
      field.value = choice.value;
      field.focus();
    }
  });
}
