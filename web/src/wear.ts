/** The style holds from now on. It comes as text of a script: it costs no request, and is there before
 * what it is for. */
export function wear(css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
