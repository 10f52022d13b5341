"""The docs as a site: staged pages, the pages made from the code, and the check of every link."""
