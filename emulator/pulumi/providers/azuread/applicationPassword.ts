import { records, requiredText, text, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { objectIdIn } from "./application";
import { notYetThere, type GraphClient } from "./graphClient";

const inputNames = ["applicationId", "displayName", "endDate", "startDate", "rotateWhenChanged"];

/**
 * `azuread.ApplicationPassword`. Entra tells the value once, at creation; it lives on in the stack's state.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/applications/application_password_resource.go (read 2026-11)
 */
export function applicationPasswordHandler(graph: GraphClient): ResourceHandler {
  return {
    inputs: inputNames,
    forceNew: inputNames,
    async create(inputs) {
      const objectId = objectIdIn(requiredText(inputs, "applicationId"));
      const path = `/v1.0/applications/${objectId}`;
      return await graph.exclusively(objectId, async () => {
        if ((await graph.find(path)) === undefined)
          throw new Error(`Application "${objectId}" was not found`);
        const added = await graph.change(
          "Adding password for application",
          "POST",
          `${path}/addPassword`,
          { passwordCredential: credentialBody(inputs) },
          notYetThere,
        );
        const keyId = requiredText(added, "keyId");
        const value = requiredText(added, "secretText");
        const application = await graph.settled(
          "Waiting for password credential",
          path,
          (found) => passwordIn(found, keyId) !== undefined,
        );
        const credential = passwordIn(application, keyId) ?? {};
        return {
          id: `${objectId}/password/${keyId}`,
          outs: { ...inputs, ...outputs(objectId, credential), value },
        };
      });
    },
    async read(id, known) {
      const { objectId, keyId } = parse(id);
      const application = await graph.get(`/v1.0/applications/${objectId}`);
      const credential = application && passwordIn(application, keyId);
      if (credential === undefined) return undefined;
      const outs = { ...known, ...outputs(objectId, credential) };
      return { outs, inputs: { applicationId: outs.applicationId } };
    },
    async delete(id) {
      const { objectId, keyId } = parse(id);
      const path = `/v1.0/applications/${objectId}`;
      await graph.exclusively(objectId, async () => {
        const application = await graph.get(path);
        if (application === undefined || passwordIn(application, keyId) === undefined) return;
        await graph.change(
          "Removing password credential",
          "POST",
          `${path}/removePassword`,
          { keyId },
          notYetThere,
        );
        await graph.settled("Waiting for deletion of password", path, (found) => !passwordIn(found, keyId));
      });
    },
  };
}

function passwordIn(application: Properties, keyId: string): Properties | undefined {
  return records(application, "passwordCredentials").find((credential) => credential["keyId"] === keyId);
}

function credentialBody(inputs: Properties): Properties {
  const { displayName, startDate, endDate } = inputs;
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(startDate === undefined ? {} : { startDateTime: startDate }),
    ...(endDate === undefined ? {} : { endDateTime: endDate }),
  };
}

function outputs(objectId: string, credential: Properties): Properties {
  return {
    applicationId: `/applications/${objectId}`,
    displayName: text(credential, "displayName") ?? "",
    keyId: text(credential, "keyId") ?? "",
    startDate: text(credential, "startDateTime") ?? "",
    endDate: text(credential, "endDateTime") ?? "",
  };
}

function parse(id: string): { objectId: string; keyId: string } {
  const [objectId = "", , keyId = ""] = id.split("/");
  return { objectId, keyId };
}
