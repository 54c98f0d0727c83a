import type { Cloud } from "./clouds";
import type { DriveItem, Group, Site, User } from "./tenant";

const people = [
  {
    objectId: "3e1a7c58-9b04-4f6d-82e5-d7c6b0a9f143",
    displayName: "Adele Vance",
    alias: "AdeleV",
    jobTitle: "Retail Manager",
  },
  {
    objectId: "70b9d2f4-6e83-4a1c-95d7-c8f1e0b3a265",
    displayName: "Alex Wilber",
    alias: "AlexW",
    jobTitle: "Marketing Assistant",
  },
  {
    objectId: "d48f6b03-2a97-4e5c-b1c8-7e9a5d0f6c31",
    displayName: "Megan Bowen",
    alias: "MeganB",
    jobTitle: "Auditor",
  },
] as const;

/** Three people of Microsoft's own sample company. */
export function seedUsers(domain: string): User[] {
  return people.map(({ objectId, displayName, alias, jobTitle }) => ({
    id: objectId,
    displayName,
    userPrincipalName: `${alias}@${domain}`,
    mail: `${alias}@${domain}`,
    businessPhones: [],
    givenName: displayName.split(" ")[0],
    jobTitle,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: "en-US",
    surname: displayName.split(" ")[1],
  }));
}

/** A security group and a Microsoft 365 group. */
export function seedGroups(domain: string): Group[] {
  return [
    {
      id: "92c5e7a1-4d38-4b0f-a6e9-1f7d8c3b5042",
      displayName: "Copilot makers",
      description: "People who build agents",
      groupTypes: [],
      mail: null,
      mailEnabled: false,
      mailNickname: "copilotmakers",
      securityEnabled: true,
      memberIds: [people[0].objectId, people[1].objectId],
    },
    {
      id: "e06b1d93-8f52-4c7a-b3d0-5a9e6c2f7184",
      displayName: "Contoso Team",
      description: "Everybody",
      groupTypes: ["Unified"],
      mail: `team@${domain}`,
      mailEnabled: true,
      mailNickname: "team",
      securityEnabled: false,
      memberIds: people.map(({ objectId }) => objectId),
    },
  ];
}

/** A file of each person's own. The first person's is shared only with the second one. */
export function seedDriveItems(createdDateTime: string): DriveItem[] {
  const [adele, alex] = people;
  return people.map(({ objectId, displayName }, index) => ({
    id: `01EMULATEDFILE${String(index + 1).padStart(20, "0")}`,
    name: `Notes of ${displayName}.txt`,
    ownerId: objectId,
    sharedWith: objectId === adele.objectId ? [alex.objectId] : [],
    content: `What ${displayName} wrote down.`,
    createdDateTime,
  }));
}

/** The root site and a team's site. */
export function seedSites({ sharePointSuffix }: Cloud): Site[] {
  const host = `contoso.${sharePointSuffix}`;
  const collection = "2f8b6c04-7e15-4a9d-83cb-d6e0f1a25b79";
  return [
    {
      id: `${host},${collection},5c9d1e37-b480-4f62-a7e5-08b3c6f9d214`,
      name: "",
      displayName: "Communication site",
      webUrl: `https://${host}`,
    },
    {
      id: `${host},${collection},8e4a0b76-1c3d-4952-b6f8-e7d5a9c20f13`,
      name: "team",
      displayName: "Contoso Team",
      webUrl: `https://${host}/sites/team`,
    },
  ];
}
