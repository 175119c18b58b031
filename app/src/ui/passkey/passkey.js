// Passkeys: when its button is pressed, the browser is asked for one, and the form around it is sent with the answer. Bytes cross
// the wire in base64 for URLs.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => {
    const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const named = (credentials) => (credentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const sent = ({ id, type, rawId }, response) => JSON.stringify({ id, type, rawId: text(rawId), response });

  const create = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    };
    const credential = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = credential.response;
    return sent(credential, { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) });
  };

  const get = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: named(options.allowCredentials),
    };
    const credential = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
    return sent(credential, {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  };

  /** The answer to the challenge of the place; `undefined` when the server gave none, and said why. */
  const answered = async (place, form, tell) => {
    if (place.dataset.options) return create(JSON.parse(place.dataset.options));
    const step = form.elements.namedItem("step");
    const body = new URLSearchParams({ step: step ? step.value : "" });
    const asked = await fetch("/desk/sign-in/passkey/ask", { method: "POST", body });
    const said = await asked.text();
    if (asked.ok) return get(JSON.parse(said));
    tell(said);
    return undefined;
  };

  /** What the browser refused, in the words of the page. */
  const refused = ({ name }, { cancelled, held, elsewhere, failed }) =>
    ({ NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: held, SecurityError: elsewhere })[name] || failed;

  for (const place of document.querySelectorAll("[data-passkey]")) {
    const [button, told] = [place.querySelector("button"), place.querySelector("[role=status]")];
    const tell = (words) => {
      told.textContent = words;
    };
    place.hidden = false;
    if (!window.PublicKeyCredential) {
      button.hidden = true;
      tell(place.dataset.unsupported);
      continue;
    }
    button.addEventListener("click", async () => {
      button.disabled = true;
      tell("");
      try {
        const { form } = button;
        const answer = await answered(place, form, tell);
        if (answer === undefined) return;
        place.querySelector("input").value = answer;
        form.action = place.dataset.passkey;
        form.submit();
      } catch (error) {
        tell(refused(error, place.dataset));
      } finally {
        button.disabled = false;
      }
    });
  }
})();
