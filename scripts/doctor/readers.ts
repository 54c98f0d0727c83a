import { personFix } from "../../core/fix";
import { registeredApps } from "../../core/settings/settings";
import { isPublishedKind } from "../../core/settings/credentialKind";
import { configKey } from "../../core/settings/settingsFaults";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { pass, skip, warn } from "./finding";

/** The identity that runs this, and so most likely `verify`, may read each app's secret once it is there. */
export function checkReaders({ world, settings, graphToken, callerObjectId }: DoctorContext): Finding {
  if (world.inOtherProgram)
    return skip("readers are in the program alone: npm run verify reads the vault as this identity");
  if (!settings.known) return skip("not reached: see settings");
  if (!graphToken.known || callerObjectId === undefined) return skip("not reached: see identity");
  const { vault } = settings.value;
  const apps = registeredApps(settings.value);
  const unread = apps
    .filter(([, { credential }]) => isPublishedKind(credential))
    .filter(([, app]) => ![...vault.readers, ...app.readers].some(({ id }) => id === callerObjectId))
    .map(([name]) => name);
  if (unread.length === 0)
    return pass("this identity is among the readers of every secret and certificate", { callerObjectId });
  const groups = [...vault.readers, ...apps.flatMap(([, { readers }]) => readers)].filter(
    ({ type }) => type === "Group",
  );
  const type = graphToken.value.claims["scp"] === undefined ? "ServicePrincipal" : "User";
  return warn(
    `this identity is not named among the readers of ${unread.join(", ")}` +
      `${groups.length > 0 ? ", unless by a group" : ""}: npm run verify would be refused the secret`,
    personFix(
      "readers.add",
      `Add { id: ${callerObjectId}, type: ${type} } to ${configKey(["vault", "readers"])}, or verify as an identity that is a reader.`,
    ),
    { unread, groups: groups.map(({ id }) => id) },
  );
}
