// The state of the installation renews itself; without this the page is renewed by hand.

import { renewing } from "./renew.js";

renewing(document.getElementById("now"));
