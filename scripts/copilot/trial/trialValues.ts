import { clouds } from "../../../core/cloud/clouds";

/** A mailbox of the emulated tenant. */
export const trialMailbox = "MeganB@contoso.onmicrosoft.com";

/** What a conversation gives each request of the table, so that the emulated tenant has an answer: by key, in the order of the parameters. */
export const trialValues: Readonly<Record<string, readonly string[]>> = {
  "find-person": ["Ad"],
  "list-groups": ["Co"],
  "list-group-members": ["92c5e7a1-4d38-4b0f-a6e9-1f7d8c3b5042"],
  "find-site": ["team"],
  "list-site-files": [
    `contoso.${clouds.public.sharePointSuffix},2f8b6c04-7e15-4a9d-83cb-d6e0f1a25b79,8e4a0b76-1c3d-4952-b6f8-e7d5a9c20f13`,
  ],
  "read-calendar": ["AlexW@contoso.onmicrosoft.com", "2026-11-27"],
  "read-shared-mailbox": [],
  "send-mail": ["adele@contoso.com", "A subject", "A text"],
};
