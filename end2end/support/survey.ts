import type { Page } from "@playwright/test";

/** A plan whose survey is due when a case is closed (desk/src/lab/demo/register.rs). */
export const MONTERREY = {
  contract: "CPS-MX-007256-16",
  serial: "02123410M1000009",
  platform: "servers",
  country: "MX",
  contact_phone: "+52 81 8555 0142",
};

/** Answers the four scales from 1 to 5, and the recommendation from 0 to 10. */
export async function answer(page: Page, marks: string[], recommend: string): Promise<void> {
  const questions = ["el tiempo en que lo atendimos", "la solución", "el trato que recibió", "con el servicio"];
  for (const [place, question] of questions.entries()) {
    const group = page.getByRole("group", { name: question });
    await group.getByRole("radio", { name: marks[place], exact: true }).check();
  }
  await page.getByRole("group", { name: "recomiende" }).getByRole("radio", { name: recommend, exact: true }).check();
}
