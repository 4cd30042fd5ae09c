@rem Lets package scripts say `exec` on Windows too; elsewhere the shell's own makes npm's signals reach the script itself.
@%*
