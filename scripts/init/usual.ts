/** The answers where nothing else is said. A file of its own, since the command's help loads nothing else of `init`. */
export const usual = {
  stack: "prod",
  location: "westeurope",
  app: "CopilotAPIAuth",
  permissions: ["User.Read.All"],
} as const;
