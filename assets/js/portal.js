// The residents' door: every page works without it. Pictures are shown before they are sent, one press is one post,
// what is typed stays in this telephone until it was sent, a matter on the screen follows what happens to it, and elder mode reads its sentence aloud.
import { drafts } from "./drafts.js";
import { follow } from "./follow.js";
import { forms } from "./forms.js";
import { photos } from "./photos.js";
import { speech } from "./speech.js";

for (const part of [forms, photos, speech, drafts, follow]) part();
