// The staff door's script: every page works without it; it adds keys, live rows, ticking clocks, drafts.
import htmx from "htmx.org";
import { clocks } from "./clocks.js";
import { drafts } from "./drafts.js";
import { find } from "./find.js";
import { forms } from "./forms.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { offline } from "./offline.js";
import { photos } from "./photos.js";
import { picks } from "./picks.js";
import { pops } from "./pops.js";
import { search } from "./search.js";
import { settings } from "./settings.js";
import { toasts } from "./toasts.js";
import { board } from "./board.js";
import { grid } from "./grid.js";
import { phrases } from "./phrases.js";
import { panes } from "./panes.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0;
htmx.config.selfRequestsOnly = true;
htmx.config.scrollBehavior = "auto";
// A refusal (403, 409, 422, 429) carries its own page or form: show it where the answer would have stood.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4(00|03|04|09|22|29)", swap: true, error: true },
  { code: "...", swap: false, error: true },
];

for (const part of [settings, phrases, pops, keys, clocks, drafts, find, forms, photos, picks, search, toasts, offline, board, grid, panes]) part();
live(htmx);
