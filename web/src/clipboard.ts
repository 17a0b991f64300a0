// The clipboard, which is there in secure contexts alone, and which a person may forbid.

/** False where the browser lets nothing be copied. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function asPng(picture: HTMLImageElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)), "image/png"));
}

/** Saved as a file where it can't be copied. */
export async function copyPicture(picture: HTMLImageElement, path: string): Promise<"copied" | "saved"> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": asPng(picture) })]);
    return "copied";
  } catch {
    const link = document.createElement("a");
    link.href = path;
    link.download = "personaworlds.png";
    link.click();
    return "saved";
  }
}
