import { azureClient } from "../../azure/azureClient";
import { graphApi } from "../../azure/graph";
import { signUserIn } from "../../azure/userSignIn";
import type { Cloud } from "../../core/cloud/clouds";
import { userReadsFor } from "../../core/permissions/userReads";
import { isLoopback } from "../../core/access/redirectUris";
import { oneLine } from "../../core/sinks";
import { knowing, type Known } from "../shared/known";
import type { World } from "../shared/world";
import type { AppEvidence, PersonSeen } from "./evidence";
import { probeEach } from "./gatherApp";
import type { GatherOptions } from "./gatherStack";
import { tokenProbe, type GraphProbe } from "./graphProbes";

/** Lets a person sign in as a user of the app. Undefined where that was not requested, or the app has no redirect URI on loopback. */
export async function personSignIn(
  world: World,
  cloud: Cloud,
  tenantId: string,
  { name, outputs }: Pick<AppEvidence, "name" | "outputs">,
  { signInSeconds, waitSeconds }: Pick<GatherOptions, "signInSeconds" | "waitSeconds">,
): Promise<Known<PersonSeen> | undefined> {
  const { delegated, userSignIn, clientId } = outputs;
  if (signInSeconds === undefined || delegated === undefined) return undefined;
  const redirectUris = userSignIn?.redirectUris ?? [];
  if (!redirectUris.some(isLoopback)) return undefined;
  const client = () => azureClient(world, { waitSeconds }, cloud);
  const show = (address: string): void => {
    world.tell(
      oneLine(
        `${name}: sign in as a user of the app, within ${signInSeconds} s, in a browser on this machine:`,
      ),
    );
    world.tell(address);
  };
  const signedIn = async (): Promise<PersonSeen> => {
    const permissions = delegated;
    const asked = {
      cloud,
      tenantId,
      clientId,
      permissions,
      redirectUris,
      show,
      limitSeconds: signInSeconds,
      client,
    };
    const token = await signUserIn(asked);
    const graph = graphApi(client(), () => Promise.resolve(token));
    return { decoded: token.decode(), probes: await probeEach(graph, userProbes(delegated)) };
  };
  return knowing(signedIn());
}

/** Reads of the user's own data that the permissions allow; where there is none, the read that shows whether Graph takes the token. */
function userProbes(permissions: readonly string[]): GraphProbe[] {
  const probes = userReadsFor(permissions).map(({ path, permissions: enough, isList }) => ({
    path: `${path}?${isList ? "$top=1&" : ""}$select=id`,
    permissions: enough.filter((name) => permissions.includes(name)),
  }));
  return probes.length > 0 ? probes : [tokenProbe];
}
