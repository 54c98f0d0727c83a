import { describe, expect, it } from "vitest";
import {
  foreignTags,
  isHalfMade,
  isOurs,
  ownershipOf,
  releasedTag,
  tagsWithMark,
} from "../../core/ownershipMark";

const stackId = "57ac1d00-0000-4000-8000-000000000001";
const otherId = "57ac1d00-0000-4000-8000-000000000002";
const mark = { stackId, resource: "Mail", stack: "contoso/copilot-token/prod" };
const ours = tagsWithMark(mark, []);
const theirs = tagsWithMark({ ...mark, stackId: otherId }, []);

describe("tagsWithMark", () => {
  it("names the stack's ID, the resource, and the stack for people to find", () => {
    expect(ours).toEqual([
      `copilot-token:id:${stackId}`,
      "copilot-token:resource:Mail",
      "copilot-token:stack:contoso/copilot-token/prod",
    ]);
  });

  it("keeps the tags that others wrote, and replaces the mark of before a rename", () => {
    const renamed = tagsWithMark({ ...mark, stack: "contoso/graph/prod" }, [...ours, "HideApp", releasedTag]);
    expect(renamed).toEqual([
      "HideApp",
      `copilot-token:id:${stackId}`,
      "copilot-token:resource:Mail",
      "copilot-token:stack:contoso/graph/prod",
    ]);
    expect(foreignTags(renamed)).toEqual(["HideApp"]);
  });

  it("writes no tag that is longer than Graph takes", () => {
    const tags = tagsWithMark({ ...mark, stack: "s".repeat(300) }, []);
    expect(tags.map(({ length }) => length).every((length) => length <= 256)).toBe(true);
  });
});

describe("ownershipOf", () => {
  it.each([
    ["without tags", [], { kind: "unmarked", isReleased: false }],
    ["with others' tags", ["HideApp"], { kind: "unmarked", isReleased: false }],
    ["that its stack released", [releasedTag], { kind: "unmarked", isReleased: true }],
    ["with this stack's mark", ours, { kind: "ours", resource: "Mail" }],
    [
      "with another stack's mark",
      theirs,
      { kind: "otherStack", stackId: otherId, stack: "contoso/copilot-token/prod" },
    ],
    ["with both", [...ours, ...theirs], expect.objectContaining({ kind: "otherStack", stackId: otherId })],
  ])("reads whose an application is %s", (_what, tags, expected) => {
    expect(ownershipOf(tags, stackId)).toEqual(expected);
  });

  it("takes every mark for another stack's while this one has no ID", () => {
    expect(isOurs(ours, undefined)).toBe(false);
    expect(ownershipOf(ours, undefined)).toMatchObject({ kind: "otherStack", stackId });
  });

  it("reads a GUID in capitals", () => {
    expect(isOurs(ours, stackId.toUpperCase())).toBe(true);
  });
});

describe("isHalfMade", () => {
  const expected = { stackId, resource: "Mail", ownOwners: ["deployer", "Owner"] };
  const evidence = { tags: ours, ownerObjectIds: ["deployer", "owner"], credentialCount: 0 };

  it("knows what a killed run of this stack made", () => {
    expect(isHalfMade(evidence, expected)).toBe(true);
  });

  it.each([
    ["carries another stack's mark", { tags: theirs }],
    ["carries no mark", { tags: [] }],
    ["has a credential", { credentialCount: 1 }],
    ["has no owner", { ownerObjectIds: [] }],
    ["has a stranger among its owners", { ownerObjectIds: ["deployer", "stranger"] }],
  ])("leaves alone what %s", (_what, more) => {
    expect(isHalfMade({ ...evidence, ...more }, expected)).toBe(false);
  });

  it("knows one that the stack leaves without an owner", () => {
    expect(isHalfMade({ ...evidence, ownerObjectIds: [] }, { ...expected, isOwnerless: true })).toBe(true);
  });

  it("leaves alone what the stack calls otherwise", () => {
    expect(isHalfMade(evidence, { ...expected, resource: "Files" })).toBe(false);
  });
});
