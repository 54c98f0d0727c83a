import { describe, expect, it } from "vitest";
import { nearestNames } from "../../../core/permissions/nearestNames";

const known = [
  "Mail.Read",
  "Mail.ReadBasic",
  "Mail.ReadWrite",
  "Mail.Send",
  "User.Read.All",
  "User.Invite.All",
];

describe("nearestNames", () => {
  it.each([
    ["Mail.Sent", ["Mail.Send", "Mail.Read"]],
    ["mail.send", ["Mail.Send", "Mail.Read"]],
    [" Mail.Send ", ["Mail.Send", "Mail.Read"]],
    ["User.Read", ["User.Read.All"]],
    ["Users.Read.All", ["User.Read.All"]],
    ["Calendar", []],
    ["", []],
  ])("finds for %j %j", (given, nearest) => {
    expect(nearestNames(given, known)).toEqual(nearest);
  });

  it("puts the nearest first and breaks ties by the alphabet", () => {
    expect(nearestNames("abcX", ["abcZ", "abcx", "abcY", "abcXX"])).toEqual(["abcx", "abcXX", "abcY"]);
  });

  it("gives as many as asked for", () => {
    expect(nearestNames("abc1", ["abc2", "abc3", "abc4", "abc5"], 1)).toEqual(["abc2"]);
  });

  it("takes a name of which the given one is a beginning for near, however long the rest", () => {
    expect(nearestNames("Sites", ["Sites.FullControl.All", "SitesX"])).toEqual([
      "Sites.FullControl.All",
      "SitesX",
    ]);
  });

  it("stretches a third of a long name, and two letters of a short one", () => {
    expect(nearestNames("abcdefghi", ["abcdefxxx", "abcdexxxx"])).toEqual(["abcdefxxx"]);
    expect(nearestNames("ab", ["abcd", "abcde"])).toEqual(["abcd"]);
  });
});
