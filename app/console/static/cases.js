// Choosing all of a page, and how many are chosen; without this each is chosen by hand.

const all = document.getElementById("all");
const form = document.getElementById("picked");

if (all && form) {
  const boxes = [...form.querySelectorAll('input[name="cases"]')];
  const amount = document.getElementById("amount");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    amount.textContent = chosen ? `（${chosen} 件）` : "";
    all.checked = chosen > 0 && chosen === boxes.length;
  };
  all.hidden = boxes.length === 0;
  all.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = all.checked;
    }
    count();
  });
  form.addEventListener("change", count);
  count();
}
