"""One file a tab: `build` lays out, `wire` connects. Tabs never import each other."""
