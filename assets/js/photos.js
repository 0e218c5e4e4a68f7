// Photos are shown before they are sent; too many, too big or another kind is said at once. The server decides again.
export function photos() {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("input[type=file][data-max-mb]")) return;
    const words = field.dataset;
    const box = document.getElementById(words.previews);
    const most = Number(words.maxFiles || 9);
    const files = [...field.files];
    const bad = files.find((file) => file.size > Number(words.maxMb) * 1048576);
    let said = "";
    if (files.length > most) said = words.tooMany;
    else if (bad) said = `${bad.name} ${words.tooBig}`;
    else if (files.some((file) => file.type && !/^image\//.test(file.type))) said = words.noPhoto;
    field.setCustomValidity(said || "");
    if (said) field.reportValidity();
    if (box) {
      for (const old of box.querySelectorAll("img")) URL.revokeObjectURL(old.src);
      box.replaceChildren(...(said ? [] : files.map(preview)));
    }
    if (!said && files.length && words.send !== undefined) field.form.requestSubmit();
  });
}

function preview(file) {
  const figure = document.createElement("figure");
  const image = document.createElement("img");
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
  const caption = document.createElement("figcaption");
  caption.textContent = `${file.name} ${(file.size / 1048576).toFixed(1)} MB`;
  figure.append(image, caption);
  return figure;
}
