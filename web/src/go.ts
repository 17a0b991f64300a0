/** Follows a link as a press on it does: a view where there is one, else its page is loaded. */
export function go(path: string): void {
  const link = document.createElement("a");
  link.href = path;
  document.body.append(link);
  link.click();
  link.remove();
}
