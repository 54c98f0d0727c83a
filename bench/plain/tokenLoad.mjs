// Asks the token endpoint as fast as it answers, over 32 kept connections, for four seconds; prints answers a second.
// Raw TLS, since every HTTP client costs more than the endpoint itself.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

const { HTTPS_PROXY, NODE_EXTRA_CA_CERTS, ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET } = process.env;
const host = "login.microsoftonline.com";
const ca = readFileSync(NODE_EXTRA_CA_CERTS);
const body = new URLSearchParams({
  client_id: ARM_CLIENT_ID,
  client_secret: ARM_CLIENT_SECRET,
  grant_type: "client_credentials",
  scope: "https://graph.microsoft.com/.default",
}).toString();
const request =
  `POST /${ARM_TENANT_ID}/oauth2/v2.0/token HTTP/1.1\r\nHost: ${host}\r\n` +
  `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const from = performance.now() + 1000;
const until = from + 4000;
const brace = "}".charCodeAt(0);
let answered = 0;
let refused = 0;

const load = () =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(HTTPS_PROXY).port), "127.0.0.1", () => {
      socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    });
    socket.once("error", reject);
    socket.once("data", () => {
      const secure = connectTls({ socket, servername: host, ca }, () => secure.write(request));
      secure.once("error", reject);
      let begun = false;
      secure.on("data", (chunk) => {
        if (!begun && chunk.latin1Slice(0, 12) !== "HTTP/1.1 200") refused += 1;
        // Only the end of the body is a brace: neither headers nor a token have one.
        begun = chunk[chunk.length - 1] !== brace;
        if (begun) return;
        const now = performance.now();
        if (now > from && now < until) answered += 1;
        if (now < until) secure.write(request);
        else {
          secure.destroy();
          resolve();
        }
      });
    });
  });

await Promise.all(Array.from({ length: 32 }, load));
if (refused > 0) throw new Error(`${refused} requests were refused`);
console.log(answered / 4);
