"""Volume: how many enquiries come in, by quarter hours, themes, companies and media, from whatever source."""
