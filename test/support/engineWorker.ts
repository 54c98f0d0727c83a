import "../../emulator/bin/inlineUp";
import { hurryTime } from "./hurriedTime";

// The inline engine's process, in which the time of a run can pass faster.
hurryTime();
