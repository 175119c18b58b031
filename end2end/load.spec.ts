import { ADMINISTRATOR, PASSWORD } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { bare as test, expect } from "./support/test";

const AT_ONCE = 16;
const ROUNDS = 12;

test("pages under parallel load are whole", async ({ desk, request }) => {
  test.slow();
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
  await request.post("/desk/sign-in", { form: { mail: ADMINISTRATOR.mail, password: PASSWORD, next: "/desk" } });
  const titles = {
    "/": "Abrir un caso · Vigía",
    [`/opened/${tracking}`]: "Caso abierto · Vigía",
    [`/track/${tracking}`]: `${number.grouped} · Vigía`,
    "/desk": "Cola de casos · Vigía",
    "/desk/intake": "Abrir un caso por teléfono · Vigía",
    [`/desk/cases/${number.compact}`]: `${number.written} · Vigía`,
  };
  for (const [path, title] of Object.entries(titles)) {
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => request.get(path)));
      for (const answer of answers) {
        expect(answer.status(), path).toBe(200);
        const page = await answer.text();
        expect(page, path).toContain(`<title>${title}</title>`);
        expect(page, path).toContain("</html>");
      }
    }
  }
  expect(desk.log, "no panic").not.toMatch(/panicked/);
});
