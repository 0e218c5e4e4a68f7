// The household signs with a finger: a canvas in place of the file field, a picture when the form is pressed.
const INK = "#1b1e20";

/** @param {HTMLFormElement} form */
export function pad(form) {
  const field = form.elements.namedItem("signature");
  const template = document.getElementById("pad");
  if (!field || !template || form.querySelector(".pad")) return;
  const box = template.content.firstElementChild.cloneNode(true);
  const canvas = box.querySelector("canvas");
  const pen = canvas.getContext("2d");
  canvas.setAttribute("aria-label", form.querySelector(`label[for="${field.id}"]`)?.textContent || "");
  canvas.setAttribute("role", "img");
  const clear = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    delete canvas.dataset.signed;
  };
  clear();
  let last = null;
  const at = (event) => {
    const place = canvas.getBoundingClientRect();
    const x = ((event.clientX - place.left) * canvas.width) / place.width;
    return [x, ((event.clientY - place.top) * canvas.height) / place.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = at(event);
    pen.strokeStyle = INK;
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...here);
    pen.stroke();
    last = here;
    canvas.dataset.signed = "yes";
  });
  const lift = () => {
    if (last) canvas.dispatchEvent(new Event("input", { bubbles: true }));
    last = null;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  box.querySelector("[data-clear]").addEventListener("click", () => {
    clear();
    canvas.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.hidden = true;
  field.after(box);
}

/** @param {HTMLFormElement} form @returns {Promise<Blob | null>} the signature, or null where nobody signed */
export function signature(form) {
  const canvas = form.querySelector(".pad canvas[data-signed]");
  return canvas ? new Promise((resolve) => canvas.toBlob(resolve, "image/png")) : Promise.resolve(null);
}

/** Draw again what was signed before the browser went away. @param {HTMLFormElement} form @param {Blob} blob */
export async function signed(form, blob) {
  const canvas = form.querySelector(".pad canvas");
  if (!canvas) return;
  const bitmap = await createImageBitmap(blob);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  canvas.dataset.signed = "yes";
}
