// The mini program's own rules and packages; only what is there to be named differs.

import { known, rules } from "../../miniprogram/eslint.config.mjs";

const browser =
  "window document location localStorage indexedDB navigator console fetch innerWidth innerHeight devicePixelRatio addEventListener " +
  "requestAnimationFrame getComputedStyle setTimeout clearTimeout setInterval clearInterval queueMicrotask " +
  "prompt history Option Image ResizeObserver IntersectionObserver XMLHttpRequest FormData URL URLSearchParams Blob File OffscreenCanvas " +
  "createImageBitmap performance TextEncoder crypto atob btoa L";

export default [
  { ignores: ["node_modules/", "test/fixture/"] },
  { files: ["**/*.mjs"], languageOptions: { ecmaVersion: 2024, globals: known(["process", "console", "URL"]) }, rules },
  { files: ["runtime/**/*.js", "page/*.js"], languageOptions: { ecmaVersion: 2024, globals: known(browser.split(" ")) }, rules },
];
