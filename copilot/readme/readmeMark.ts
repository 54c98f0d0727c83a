/** By these words the command knows a folder of its own, however it was started. */
export const readmeMark = "make it again instead of editing it";
/** The sentence in which they stand. */
export const readmeOrigin = `Made by \`npm run copilot\`; ${readmeMark}.`;
