import { AGENT, TECHNICIAN } from "./support/desk";
import { letter } from "./support/mailbox";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { agendaEntry, at, invitation, linkIn, mailed, sign, soon, VisitOf } from "./support/visit";

const TABLET = { viewport: { width: 820, height: 1180 }, hasTouch: true };
const PHONE = { viewport: { width: 390, height: 844 } };

test("offered, accepted by the mail's link, done on the tablet", async ({ page, another, desk }) => {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const ours = new VisitOf(page);
  const early = await ours.begin("Ofrecer visita");
  await expect(early).toContainText("Hable primero con el cliente");
  await early.getByRole("button", { name: "Volver", exact: true }).click();
  await file.logContact();
  await ours.offer(at(1, "09:00"), at(1, "14:00"));
  await expect(ours.card.getByRole("listitem").first()).toContainText("después de la solución prometida");

  const link = linkIn(await mailed(desk, mail, "elija el horario"), "visit");
  for (const _ of [1, 2]) await fetch(`${desk.url}${link}`);
  const customer = (await another(PHONE)).page;
  await customer.goto(link);
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Elija un horario");
  await accessible(customer);
  await customer.getByRole("button", { name: /14:00 a 16:00/ }).click();
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Acordada");
  await expect(customer.getByText("La visita está acordada. Le enviamos la invitación por correo.")).toBeVisible();
  await accessible(customer);
  await expect(ours.card, "without a reload").toContainText("14:00 a 16:00");
  await expect(page.getByRole("region", { name: "Llegada al sitio" })).toContainText("Programada");

  const agreed = invitation(await mailed(desk, mail, "visita acordada"));
  expect(agreed).toContain("METHOD:REQUEST\r\n");
  expect(agreed).toContain(`DTSTART;TZID=America/Caracas:${at(1, "140000").replaceAll("-", "")}\r\n`);
  expect(agreed).toContain("BEGIN:VTIMEZONE");
  expect(agreed, "building and city").toMatch(/LOCATION:.*torre Ávila.*Caracas/);
  expect(agreed).toContain(`mailto:${mail}`);
  expect(agreed).toContain("casos@vigia.example");
  await mailed(desk, TECHNICIAN.mail, number.written);

  const tablet = (await another(TABLET)).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await tablet.getByRole("link", { name: "Agenda" }).click();
  await tablet.getByRole("link", { name: "Día siguiente" }).click();
  const entry = agendaEntry(tablet, number);
  await expect(entry.getByRole("link", { name: /torre Ávila, piso 12.*Caracas/ })).toHaveAttribute("href", /openstreetmap/);
  await expect(entry, "where and at what").toContainText("Torre Ávila, Caracas");
  await expect(entry).toContainText("Banco Cumbre del Ávila · Cisco Catalyst 9300-48P");
  await expect(entry.getByRole("link", { name: /555/ })).toHaveAttribute("href", /^tel:/);
  await expect(entry, "whose hour it is").toContainText("Horarios en la hora de Caracas.");
  await accessible(tablet);
  await entry.getByRole("button", { name: "Llegué" }).tap();
  await entry.getByRole("button", { name: "Deshacer la llegada" }).tap();
  await expect(file.history.first(), "a slip of the finger").toContainText("Se deshizo la llegada");
  await entry.getByRole("button", { name: "Llegué" }).tap();
  await entry.getByRole("button", { name: "Comenzar el trabajo" }).tap();
  await entry.getByLabel("Informe del trabajo").fill("Se cambió la fuente de poder y se probó una hora.");
  await entry.getByLabel("Cantidad (1)").fill("2");
  await entry.getByLabel("Repuesto (1)").fill("Fuente de poder 715 W");
  await tablet.reload();
  await expect(entry.getByLabel("Informe del trabajo"), "what was written is still there").toHaveValue(/una hora\.$/);
  await expect(entry.getByLabel("Cantidad (1)")).toHaveValue("2");
  await expect(entry.getByLabel("Repuesto (1)")).toHaveValue("Fuente de poder 715 W");
  await entry.getByRole("button", { name: "Terminar la visita" }).tap();
  await expect(entry.getByRole("alert")).toContainText("Falta la firma");
  await sign(tablet, entry);
  const drawn = entry.locator(".signature--pad path");
  const signature = (await drawn.getAttribute("d")) ?? "";
  expect(signature).not.toBe("");
  await tablet.reload();
  await expect(drawn, "so is the signature").toHaveAttribute("d", signature);
  await accessible(tablet);
  await entry.getByRole("button", { name: "Terminar la visita" }).tap();
  await expect(entry).toContainText("Firmó: Ana Teresa Rivas");
  await expect(entry, "what was reported can be read again").toContainText("se probó una hora.");
  await expect(entry).toContainText("2 × Fuente de poder 715 W");

  await expect(ours.card).toContainText("Terminada");
  await expect(ours.card).toContainText("2 × Fuente de poder 715 W");
  await expect(ours.card.getByRole("img", { name: "Firma del cliente" })).toBeVisible();
  await expect(file.history.first()).toContainText("Visita terminada");
  await expect(file.clock("Primer contacto")).toContainText("Cumplido");

  await customer.goto(link);
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Esta visita terminó");
});

test("a customer answers by mail and the wait ends, the agent answers, and a calendar proposes another time", async ({ page, desk }) => {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  const opening = await desk.mailbox.first(mail);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  const pause = await file.begin("Pausar", "Pausar el caso");
  await pause.getByRole("radio", { name: "En espera del cliente" }).check();
  await pause.getByRole("button", { name: "4 h" }).click();
  await pause.getByLabel(/Quién lo autorizó/).fill("Ana Teresa Rivas");
  await pause.getByRole("button", { name: "Pausar", exact: true }).click();
  await file.told(/Caso en pausa/);

  await desk.deliver(letter(mail, "Re: su caso", "Ya revisé el cable: sigue igual.", { answers: opening.messageId }));
  await visit(page, `/desk/cases/${number.compact}`);
  await expect(file.head, "the wait has ended").toContainText("En curso");
  await expect(file.history.filter({ hasText: "Ya revisé el cable: sigue igual." }).first()).toBeVisible();
  const news = await file.begin("Dar novedades", "Novedades para el cliente");
  await news.getByLabel("Qué le decimos").fill("Le llevamos un cable nuevo.");
  await news.getByRole("button", { name: "4 h" }).click();
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await file.told(/Novedades enviadas/);
  const answer = await mailed(desk, mail, "novedades");
  expect(answer.text).toContain("Le llevamos un cable nuevo.");
  expect([answer.references ?? []].flat(), "one thread in every mail program").toContain(opening.messageId);

  const ours = new VisitOf(page);
  await ours.agree(at(1, "09:00"));
  const invited = invitation(await mailed(desk, mail, "visita acordada"));
  const line = (name: string) => new RegExp(`^${name}:.+$`, "m").exec(invited)?.[0] ?? "";
  const other = (time: string) => `TZID=America/Caracas:${at(2, time).replaceAll("-", "")}`;
  const counter = [
    "BEGIN:VCALENDAR",
    "METHOD:COUNTER",
    "BEGIN:VEVENT",
    line("UID"),
    line("SEQUENCE"),
    `DTSTART;${other("140000")}`,
    `DTEND;${other("160000")}`,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  await desk.deliver(letter(mail, "Nueva hora propuesta", counter.join("\r\n"), { type: "text/calendar; method=COUNTER" }));
  await visit(page, `/desk/cases/${number.compact}`);
  await expect(ours.card).toContainText("El cliente propone otro horario");
  await expect(ours.card.getByRole("button", { name: /14:00 a 16:00/ })).toBeVisible();
  await accessible(page);
});

test("agreed by telephone, another technician, live in both agendas", async ({ page, watched, another, desk }) => {
  // The same technician is refused.
  watched.allow(/status of 422/);
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  const tablet = (await another(TABLET)).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(tablet, "/desk/agenda?in=5");
  await expect(tablet.getByText("No hay visitas acordadas para este día.")).toBeVisible();

  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const ours = new VisitOf(page);
  const sheet = await ours.begin("Acordar por teléfono");
  await expect(sheet).toContainText("Cuenta como primer contacto");
  await sheet.getByLabel("Desde (1)").fill(at(5, "09:00"));
  await expect(sheet.getByLabel("Desde (1)")).toHaveAccessibleDescription(/después de la solución prometida/);
  await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await accessible(page);
  await sheet.getByRole("button", { name: "Guardar la visita acordada" }).click();
  await expect(ours.card).toContainText("9:00 a 11:00");
  await expect(ours.card).toContainText("Ana Teresa Rivas · Teléfono");
  await expect(page.getByRole("region", { name: "Primer contacto" })).toContainText("Cumplido");
  expect(invitation(await mailed(desk, mail, "visita acordada"))).toContain("METHOD:REQUEST\r\n");
  const entry = agendaEntry(tablet, number);
  await expect(entry, "without a reload").toContainText("9:00 a 11:00");

  const change = await ours.begin("Cambiar técnico");
  await change.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await accessible(page);
  await change.getByRole("button", { name: "Guardar el cambio de técnico" }).click();
  await expect(change.getByRole("alert")).toContainText("ya es de ese técnico");
  await change.getByRole("button", { name: "Cerrar" }).click();

  const off = await ours.begin("Cancelar visita");
  await off.getByRole("radio", { name: "Por nosotros" }).check();
  await off.getByLabel("Motivo").fill("Se resolvió a distancia.");
  await off.getByRole("button", { name: "Cancelar visita" }).click();
  await expect(ours.card).toContainText("Cancelada");
  await expect(entry, "and it goes as it came").toHaveCount(0);

  const late = (await another(PHONE)).page;
  await late.goto(linkIn(await mailed(desk, mail, "visita acordada"), "visit"));
  const theirs = late.getByRole("region", { name: "Visita" });
  await expect(theirs).toContainText("Esta visita fue cancelada");
  await expect(theirs.getByRole("button")).toHaveCount(0);
});

test("a no-show is reported once the window has begun, and undone", async ({ page, another, desk }) => {
  // The window begins within two minutes.
  test.setTimeout(300_000);
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const ours = new VisitOf(page);
  // A date field takes minutes: the window begins within two of them.
  await ours.agree(soon(2));
  const tablet = (await another(TABLET)).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(tablet, "/desk/agenda");
  const entry = agendaEntry(tablet, number);
  await entry.getByRole("button", { name: "Llegué" }).tap();
  await expect(entry).toContainText("Si nadie lo recibe, podrá registrarlo desde las");
  const nobody = entry.getByRole("button", { name: "Nadie me recibe" });
  await expect(nobody, "the window has not begun").toHaveCount(0);
  await nobody.tap({ timeout: 150_000 });
  await entry.getByRole("button", { name: "Registrar que nadie me recibió" }).tap();
  await expect(entry.getByRole("alert"), "it asks why").toBeVisible();
  await accessible(tablet);
  await entry.getByRole("button", { name: "Volver" }).tap();
  await nobody.tap();
  await entry.getByRole("radio", { name: "El contacto no está" }).check();
  await entry.getByRole("button", { name: "Registrar que nadie me recibió" }).tap();
  await expect(ours.card).toContainText("No se realizó");
  await expect(ours.card).toContainText("El contacto no está");
  expect((await mailed(desk, mail, "no se realizó")).text).toContain("El contacto no está");
  await entry.getByRole("button", { name: "Deshacer: la visita sigue en pie" }).tap();
  await expect(ours.card, "as if nothing had been said").toContainText("Técnico en el sitio");
  await mailed(desk, mail, "sigue en pie");
  await entry.getByRole("button", { name: "Comenzar el trabajo" }).tap();
  await expect(ours.card).toContainText("Trabajo en curso");
});

test("clashing visits show, and are overruled with a reason that is recorded", async ({ page, another, desk }) => {
  const first = new CaseNumber(await open(desk.url, { contact_mail: freshMail() }));
  const second = new CaseNumber(await open(desk.url, { contact_mail: freshMail() }));
  await signIn(page, AGENT);
  await CaseFile.open(page, first);
  const ours = new VisitOf(page);
  await ours.agree(at(9, "09:00"));
  await visit(page, `/desk/cases/${second.compact}`);
  const file = await CaseFile.on(page, second);
  const sheet = await ours.begin("Acordar por teléfono");
  await sheet.getByLabel("Desde (1)").fill(at(9, "10:00"));
  await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await expect(sheet).toContainText(`Se cruza con la visita acordada del caso ${first.grouped}`);
  await accessible(page);
  await sheet.getByRole("button", { name: "Guardar la visita acordada" }).click();
  const why = sheet.getByLabel("¿Por qué va igual?");
  await expect(why).toHaveAttribute("aria-invalid", "true");
  await expect(why).toBeFocused();
  await why.fill("Es el mismo edificio.");
  await sheet.getByRole("button", { name: "Guardar la visita acordada" }).click();
  await expect(ours.card).toContainText("10:00 a 12:00");
  await expect(file.history.filter({ hasText: "aunque el horario choca" })).toContainText("Es el mismo edificio.");

  const tablet = (await another(TABLET)).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(tablet, "/desk/agenda?in=9");
  for (const [mine, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const entry = tablet.getByRole("listitem").filter({ has: tablet.getByRole("link", { name: mine.grouped }) });
    await expect(entry).toContainText(`Se cruza con la visita acordada del caso ${other.grouped}`);
  }
  await accessible(tablet);
});
