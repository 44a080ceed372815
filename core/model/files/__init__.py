"""Reading models of any layers and any graph out of files, without running anything of them."""
