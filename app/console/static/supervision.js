// One box ticks every item of the list; without this each is ticked by itself.

const all = document.getElementById("all");
const boxes = [...document.querySelectorAll('input[name="id"]')];

function agree() {
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

all.addEventListener("change", () => {
  for (const box of boxes) {
    box.checked = all.checked;
  }
});
for (const box of boxes) {
  box.addEventListener("change", agree);
}
all.closest("label").hidden = false;
agree();
