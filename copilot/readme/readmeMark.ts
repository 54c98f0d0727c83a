/** By this sentence the command knows a folder of its own. */
export const readmeMark = "Made by `npm run copilot`; make it again instead of editing it.";
