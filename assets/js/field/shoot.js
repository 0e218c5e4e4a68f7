// A photo is made small before it is kept: a telephone takes 12 megapixels, the house shows 1600 pixels.
const EDGE = 2048;
const QUALITY = 0.85;
const SMALL = 300000;

/**
 * @param {File} file
 * @returns {Promise<[Blob, string]>} the photo and its name; as it is where this browser can't read it (HEIC): the house can
 */
export async function shrink(file) {
  if (file.size <= SMALL) return [file, file.name];
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    canvas.width = canvas.height = 0; // some telephones give the memory back only so
    return small && small.size < file.size ? [small, file.name.replace(/\.\w+$/, "") + ".jpg"] : [file, file.name];
  } catch {
    return [file, file.name];
  } finally {
    bitmap?.close();
  }
}
