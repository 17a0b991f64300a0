/** The server's form, which can't be sent: what is typed into it goes on in the application's. */
let served = document.querySelector<HTMLFormElement>("main form:has(button[type=submit]:disabled)");

/** Takes over what it has, at its last moment: the e-mail into `form`; the password is returned. */
export function takeTyped(form?: { set: (name: "email", value: string) => void }): string {
  const typed = (type: string) => served?.querySelector<HTMLInputElement>(`input[type=${type}]`)?.value ?? "";
  const email = typed("email"), password = typed("password");
  served = null;
  if (email !== "") form?.set("email", email);
  return password;
}
