// The residents' door: every page works without it. Pictures are shown before they are sent, one press is one post.
import { forms } from "./forms.js";
import { photos } from "./photos.js";

for (const part of [forms, photos]) part();
