import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: [".venv/", ".nox/", "build/", "dist/", "docs/_build/"] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "all" }],
      "no-param-reassign": "error",
      "no-implicit-coercion": "error",
      "consistent-return": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]", message: "No markup is parsed." },
      ],
      complexity: ["error", 14],
      "max-depth": ["error", 3],
      "max-params": ["error", 5],
    },
  },
  {
    files: ["flask_relationships/ui/**/*.js", "tests/benchmarks/*.js", "tests/documentation/*.js", "docs/static/*.js"],
    languageOptions: { globals: globals.browser },
  },
  { files: ["flask_relationships/ui/swagger/*.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/javascript/*.js", "eslint.config.js"], languageOptions: { globals: globals.node } },
];
