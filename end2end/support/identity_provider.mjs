// A real identity provider (oidc-provider) for the tests, as a process of its own: it is a module that Playwright's loader does not read.
// `node identity_provider.mjs DESK PORT`: the desk's address, and the port on 127.0.0.1. One line says that it is ready. A POST to /people
// sets what it says of a person from then on.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [desk, port] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "mesa",
      client_secret: "un-secreto-de-prueba",
      redirect_uris: [`${desk}/desk/sign-in/callback/1`],
      post_logout_redirect_uris: [`${desk}/desk/sign-in`],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
  cookies: { keys: ["tests"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email_verified: true, ...people.get(id) }) }),
});

const answer = provider.callback();
const server = createServer((request, response) => {
  if (request.method !== "POST" || request.url !== "/people") return answer(request, response);
  let text = "";
  request.on("data", (more) => (text += more));
  request.on("end", () => {
    const { id, ...claims } = JSON.parse(text);
    people.set(id, claims);
    response.writeHead(204).end();
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log("ready"));
