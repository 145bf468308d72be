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

/** What a template left open is written by hand before a resident reads it. */
function whole(field) {
  const open = field.value.match(/【(类别|地址|责任单位|日期)】/);
  field.setCustomValidity(open ? `请把“${open[0]}”换成实际内容` : "");
}

// A template fills the text that it stands above; what was typed is kept behind it.
for (const choice of document.querySelectorAll("select[data-fills]")) {
  choice.hidden = false;
  choice.parentElement.hidden = false;
  choice.addEventListener("change", () => {
    const field = document.getElementById(choice.dataset.fills);
    if (choice.value) {
      field.value = choice.value;
      whole(field);
      field.focus();
    }
  });
  const filled = document.getElementById(choice.dataset.fills);
  filled.addEventListener("input", () => whole(filled));
}
