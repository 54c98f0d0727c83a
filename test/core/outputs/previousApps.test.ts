import { describe, expect, it } from "vitest";
import { readPreviousApps } from "../../../core/outputs/previousApps";

const published = {
  displayName: "Mail",
  clientId: "client-id",
  applicationObjectId: "application-object-id",
  servicePrincipalObjectId: "service-principal-object-id",
  permissions: ["Mail.Send"],
  secretResourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/Mail",
  credential: { sequence: 7, keyId: "key-id", startsAt: "2026-11-22T10:00:00Z", cause: "due" },
};

describe("readPreviousApps", () => {
  it("remembers nothing before the first successful run", () => {
    expect(readPreviousApps(undefined)).toEqual({});
  });

  it("reads what the stack published, and no more than it needs", () => {
    expect(readPreviousApps({ Mail: published })).toEqual({
      Mail: {
        signIn: "secret",
        applicationObjectId: "application-object-id",
        servicePrincipalObjectId: "service-principal-object-id",
        permissions: ["Mail.Send"],
        secret: {
          resourceId: published.secretResourceId,
          current: { sequence: 7, startsAt: new Date("2026-11-22T10:00:00Z"), cause: "due" },
        },
      },
    });
  });

  it("reads when the client secret ends, where the stack said so", () => {
    const credential = { ...published.credential, endsAt: "2027-04-05T10:00:00Z" };
    expect(readPreviousApps({ Mail: { ...published, credential } })["Mail"]?.secret).toEqual({
      resourceId: published.secretResourceId,
      current: {
        sequence: 7,
        startsAt: new Date("2026-11-22T10:00:00Z"),
        endsAt: new Date("2027-04-05T10:00:00Z"),
        cause: "due",
      },
    });
  });

  it.each([
    ["a list", [], "apps.: "],
    ["nothing", null, "apps.: "],
    ["a secret, masked by the CLI", "[secret]", "apps.: "],
    ["an app that is a word", { Mail: "x" }, "apps.Mail: "],
    [
      "an app without a credential",
      { Mail: { ...published, credential: undefined } },
      "apps.Mail.credential: ",
    ],
    [
      "sequence 0",
      { Mail: { ...published, credential: { ...published.credential, sequence: 0 } } },
      "apps.Mail.credential.sequence: ",
    ],
    [
      "a sequence in parts",
      { Mail: { ...published, credential: { ...published.credential, sequence: 1.5 } } },
      "apps.Mail.credential.sequence: ",
    ],
    [
      "a start that is no instant",
      { Mail: { ...published, credential: { ...published.credential, startsAt: "yesterday" } } },
      "apps.Mail.credential.startsAt: ",
    ],
    [
      "a cause that nobody knows",
      { Mail: { ...published, credential: { ...published.credential, cause: "whim" } } },
      "apps.Mail.credential.cause: ",
    ],
  ])("refuses %s rather than begin the sequence anew, and says where", (_what, apps, place) => {
    expect(() => readPreviousApps(apps)).toThrow(
      expect.objectContaining({
        code: "OUTPUTS_INVALID",
        message: expect.stringContaining(`cannot be read: ${place}`) as string,
      }),
    );
  });
});
