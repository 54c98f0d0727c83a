import type { Cloud } from "../../core/cloud/clouds";
import { personFix } from "../../core/fix";
import { access } from "node:fs/promises";
import { ConnectionError } from "../../azure/connectionError";
import { inParallel } from "../../core/inParallel";
import { knowing } from "../shared/known";
import { proxyFor } from "../../azure/proxy";
import { entra, microsoftGraph, resourceManager } from "../../azure/services";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip } from "./finding";

/** With a clock that is further off than this, tokens are "not yet valid" or "expired". */
const clockToleranceSeconds = 300;

/** The three hosts answer, through the proxy and with the CA that the environment names. */
export async function checkNetwork({ world, client }: DoctorContext): Promise<Finding> {
  const { env } = world;
  const caFile = env["NODE_EXTRA_CA_CERTS"];
  if (caFile !== undefined && caFile !== "" && !(await isReadable(caFile))) {
    return fail(
      `NODE_EXTRA_CA_CERTS names ${caFile}, which cannot be read; Node then trusts no further CA, silently`,
      personFix("network.ca", "Correct the path, or unset the variable."),
    );
  }
  const services = [entra, microsoftGraph, resourceManager];
  const hosts = services.map((service) => service.hosts(client.cloud));
  const answers = await inParallel(services, services.length, (to) =>
    knowing(
      client.send(
        { to, method: "GET", url: `https://${to.hosts(client.cloud)}/` },
        { service: to.hosts(client.cloud) },
      ),
    ),
  );
  const failed = hosts.filter((_host, index) => answers[index]?.known === false);
  const proxy = knownProxy(client.cloud, env);
  const evidence = { hosts, failed, proxy: proxy ?? "none", extraCa: caFile ?? "none" };
  const first = answers.flatMap((answer) => (answer.known ? [] : [answer.error]))[0];
  if (first !== undefined) {
    return fail(
      failed.length === 1
        ? first.message
        : `${first.message} The same applies to ${failed.slice(1).join(", ")}.`,
      first instanceof ConnectionError && first.code === "CERTIFICATE_REFUSED"
        ? personFix("network.ca", "Go (the Pulumi engine) needs the same CA in SSL_CERT_FILE.")
        : personFix("network.open", "Open these hosts, or name the proxy that does: HTTPS_PROXY."),
      evidence,
    );
  }
  return pass(`${hosts.join(", ")} answer${proxy === undefined ? "" : ` through ${proxy}`}`, evidence);
}

/** This machine's clock against Azure's, by the `Date` that Entra answers with. */
export async function checkClock({ world, client }: DoctorContext): Promise<Finding> {
  const url = `${client.cloud.authority}/common/v2.0/.well-known/openid-configuration`;
  const reply = await knowing(client.send({ to: entra, method: "GET", url }, { service: "Entra" }));
  const date = reply.known ? Date.parse(reply.value.headers["date"] ?? "") : Number.NaN;
  if (Number.isNaN(date)) return skip("Entra did not say what time it is: see network");
  const aheadSeconds = Math.round((world.now().getTime() - date) / 1000);
  const amount = `${Math.abs(aheadSeconds)} s ${aheadSeconds < 0 ? "behind" : "ahead of"} Azure's`;
  return Math.abs(aheadSeconds) <= clockToleranceSeconds
    ? pass(`this machine's clock is ${amount}`, { aheadSeconds })
    : fail(
        `this machine's clock is ${amount}: tokens look expired, or not yet valid`,
        personFix("clock.set", "Set it: timedatectl set-ntp true, or w32tm /resync on Windows."),
        { aheadSeconds },
      );
}

function knownProxy({ graph }: Cloud, env: DoctorContext["world"]["env"]): string | undefined {
  return proxyFor(new URL(graph).hostname, env)?.host;
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
