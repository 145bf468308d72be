import js from "@eslint/js";
import wxmlParser from "@wxml/parser";
import wxml from "eslint-plugin-wxml";

const wechat = ["wx", "App", "Page", "Component", "Behavior", "getApp", "getCurrentPages", "console", "setTimeout", "clearTimeout", "require", "module"];
const node = ["require", "module", "process", "__dirname", "console", "setImmediate", "Buffer"];
export const known = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

/** Of all JavaScript here; the runner's as well. */
export const rules = {
  ...js.configs.recommended.rules,
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
  "max-lines": ["error", { max: 300 }],
  "max-lines-per-function": ["error", { max: 45, skipComments: true }],
  eqeqeq: "error",
  "no-var": "error",
  "prefer-const": "error",
};

export default [
  { ignores: ["node_modules/"] },
  {
    files: ["**/*.js"],
    // 2019 and no newer: older phones run the source as DevTools leaves it.
    languageOptions: { ecmaVersion: 2019, sourceType: "commonjs", globals: known(wechat) },
    rules,
  },
  // A factory holds its functions, and a page its handlers: their own length is what counts.
  { files: ["lib/**/*.js", "pages/**/*.js", "components/**/*.js"], rules: { "max-lines-per-function": "off", "max-statements": ["error", 24, { ignoreTopLevelFunctions: true }] } },
  { files: ["test/**/*.js"], languageOptions: { ecmaVersion: 2022, globals: known(node) }, rules: { "max-lines-per-function": "off" } },
  {
    files: ["**/*.wxml"],
    plugins: { wxml },
    languageOptions: { parser: wxmlParser },
    rules: {
      "wxml/report-wxml-syntax-error": "error",
      "wxml/report-interpolation-error": "error",
      "wxml/no-duplicate-attributes": "error",
      "wxml/no-inconsistent-tagname": "error",
      "wxml/wx-key": "error",
      "wxml/no-wx-for-with-wx-if": "error",
      "wxml/no-wx-for-with-wx-else": "error",
      "wxml/no-wx-if-string": "error",
      "wxml/no-vue-directive": "error",
      "wxml/no-unexpected-string-bool": "error",
      "wxml/required-attributes": ["error", { tag: "image", attrs: ["mode"] }],
    },
  },
];
